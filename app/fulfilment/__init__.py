"""Getting it there: postage, packing, slips and shipments."""
