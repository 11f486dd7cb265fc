CREATE VIRTUAL TABLE IF NOT EXISTS core_ticketwords USING fts5(
    number, title, description, comments, internal, tokenize = "unicode61 remove_diacritics 2"
);
