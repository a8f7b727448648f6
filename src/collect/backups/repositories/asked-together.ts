/**
 * Puts questions to something that answers many at the price of one: those that come while it answers wait, and are then
 * asked together. Each asker gets the answer to all that were asked with its own.
 *
 * @param ask at no time called twice at once
 */
export function askedTogether<Question, Answer>(
  ask: (questions: readonly Question[]) => Promise<Answer>,
): (questions: readonly Question[]) => Promise<Answer> {
  let waiting: { readonly questions: readonly Question[]; readonly answer: PromiseWithResolvers<Answer> }[] = [];
  let isAsking = false;
  const askAll = async (): Promise<void> => {
    isAsking = true;
    while (waiting.length > 0) {
      const together = waiting;
      waiting = [];
      try {
        const answer = await ask(together.flatMap(({ questions }) => questions));
        for (const one of together) one.answer.resolve(answer);
      } catch (error) {
        for (const one of together) one.answer.reject(error);
      }
    }
    isAsking = false;
  };
  return (questions) => {
    const answer = Promise.withResolvers<Answer>();
    waiting.push({ questions, answer });
    if (!isAsking) void askAll();
    return answer.promise;
  };
}
