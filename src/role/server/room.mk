# sources of role/server
