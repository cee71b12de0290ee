# sources of base/conf
