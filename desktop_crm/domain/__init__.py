"""The rules of the trade: pure functions over values, without files, databases or clocks."""
