CREATE VIRTUAL TABLE IF NOT EXISTS core_questionwords USING fts5(
    title, body, answers, tokenize = "unicode61 remove_diacritics 2"
);
