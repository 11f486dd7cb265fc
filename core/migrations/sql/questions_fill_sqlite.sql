INSERT INTO core_questionwords (rowid, title, body, answers)
SELECT q.id, q.title, q.body, (SELECT substr(coalesce(group_concat(body, ' '), ''), 1, 50000) FROM (
    SELECT body FROM core_answer WHERE question_id = q.id ORDER BY id DESC LIMIT 100))
FROM core_question q
WHERE id >= %(first)s AND id < %(last)s AND id NOT IN (SELECT rowid FROM core_questionwords);
