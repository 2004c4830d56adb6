// Behaviour of the console's own pages. No page carries an inline script.
