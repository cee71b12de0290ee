# sources of base/oci
