# sources of engine/loop
