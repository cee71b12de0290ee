# sources of role/broker
