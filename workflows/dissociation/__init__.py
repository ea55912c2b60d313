"""Water that falls into OH and H on surfaces."""
