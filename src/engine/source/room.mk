# sources of engine/source
