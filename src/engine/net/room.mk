# sources of engine/net
