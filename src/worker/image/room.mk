# sources of worker/image
