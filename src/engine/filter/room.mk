# sources of engine/filter
