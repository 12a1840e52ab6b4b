"""The open fund (quỹ): campaigns, what households pledge and pay, what is bought, and the ledger of it all."""
