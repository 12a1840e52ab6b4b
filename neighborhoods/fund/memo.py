"""The words of a bank transfer, and which household and campaign they name. Pure."""
