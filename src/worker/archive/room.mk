# sources of worker/archive
