# sources of worker/analyze
