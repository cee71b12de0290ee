# sources of engine/scan
