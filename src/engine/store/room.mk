# sources of engine/store
