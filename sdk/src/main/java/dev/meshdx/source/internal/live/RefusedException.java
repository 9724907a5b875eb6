package dev.meshdx.source.internal.live;

import dev.meshdx.model.Json;

/** The API server answered, but not with 200. Never leaves this package. */
final class RefusedException extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient Answer answer;

    RefusedException(Answer answer) {
        super(String.valueOf(answer.code()), null, false, false);
        this.answer = answer;
    }

    Answer answer() {
        return answer;
    }

    /**
     * What came back.
     *
     * @param code HTTP status
     * @param status the Status object; {@link Json#MISSING} where the body is none
     * @param text what it says, fit for a message
     * @param body the start of the body, not fit for a message
     */
    record Answer(int code, Json status, String text, String body) {
        /** Whether a named object is what was not found, as opposed to the path. */
        boolean namesObject() {
            return status.at("details", "name")
                    .text()
                    .filter(name -> !name.isEmpty())
                    .isPresent();
        }

        /** Shows no body. */
        @Override
        public String toString() {
            return code + " " + text;
        }
    }
}
