"""Clinical decision support for needle EMG and nerve conduction orders, called by CDS Hooks."""
