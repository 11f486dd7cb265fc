INSERT INTO core_ticketwords (rowid, number, title, description, comments, internal)
SELECT t.id, printf('INC-%%06d %%d INC%%06d', t.id, t.id, t.id), t.title, t.description,
    (SELECT coalesce(group_concat(body, ' '), '') FROM (
        SELECT body FROM core_comment WHERE ticket_id = t.id AND NOT is_internal ORDER BY id DESC LIMIT 100)),
    (SELECT coalesce(group_concat(body, ' '), '') FROM (
        SELECT body FROM core_comment WHERE ticket_id = t.id AND is_internal ORDER BY id DESC LIMIT 100))
FROM core_ticket t
WHERE id >= %(first)s AND id < %(last)s AND id NOT IN (SELECT rowid FROM core_ticketwords);
