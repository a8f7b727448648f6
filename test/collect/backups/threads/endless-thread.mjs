/* Stands for a listing thread that never gets an answer. */
while (true) {
  // As a mount that is gone might have it.
}
