"""SMS gateways: one module for each, behind the contract of `sms.backends.base`."""
