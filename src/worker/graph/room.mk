# sources of worker/graph
