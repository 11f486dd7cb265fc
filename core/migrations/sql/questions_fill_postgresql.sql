INSERT INTO core_questionwords SELECT id, core_search_question_document(q) FROM core_question q
WHERE id >= %(first)s AND id < %(last)s
ON CONFLICT DO NOTHING;
