INSERT INTO core_ticketwords SELECT id, core_search_document(t) FROM core_ticket t WHERE id >= %(first)s AND id < %(last)s
ON CONFLICT DO NOTHING;
