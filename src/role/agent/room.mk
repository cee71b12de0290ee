# sources of role/agent
