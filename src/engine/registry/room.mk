# sources of engine/registry
