"""The link table, journal and guards in a store: SQLite embedded, DynamoDB deployed."""
