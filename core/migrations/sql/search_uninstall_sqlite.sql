DROP TRIGGER ticketwords_of_new_ticket;

DROP TRIGGER ticketwords_of_changed_ticket;

DROP TRIGGER ticketwords_of_gone_ticket;

DROP TRIGGER ticketwords_of_new_comment;

DROP TRIGGER ticketwords_of_changed_comment;

DROP TRIGGER ticketwords_of_gone_comment;

DROP TABLE core_ticketwords;
