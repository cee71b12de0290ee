# sources of engine/tunnel
