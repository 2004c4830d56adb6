"""Two SMS gateways on the wire, Mitto and Twilio, and the handsets behind them (sms.md 10).

Imports neither Django nor anything of Patchbay but the shared simulator parts: what it knows of the
console are addresses, and keys that both sides were given.
"""
