"""A phone system on the wire: it sends signed call events as a real one would (RULES A1).

Imports neither Django nor anything of Patchbay but the shared simulator parts: what it knows of the
console is an address and a secret.
"""
