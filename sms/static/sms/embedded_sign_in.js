// Hands the token to the frame that opened this window. Only a page of our own origin can get it.
const told = JSON.parse(document.getElementById("composer-token").textContent);
if (window.opener) {
  window.opener.postMessage(told, location.origin);
  window.close();
}
