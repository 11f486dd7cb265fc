DROP TRIGGER ticketwords_of_comment ON core_comment;

DROP TRIGGER ticketwords_of_no_tickets ON core_ticket;

DROP TRIGGER ticketwords_of_ticket ON core_ticket;

DROP FUNCTION core_search_comment, core_search_ticket, core_search_index, core_search_document, core_search_words, core_search_fold;

DROP TABLE core_ticketwords;
