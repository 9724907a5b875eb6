package dev.meshdx.traffic;

/**
 * What a filter on the way does to the request.
 *
 * @param filter the filter's name as it is configured: {@code envoy.filters.http.rbac}
 * @param effect what it does
 * @param because why, or what it depends on; empty where it lets the request pass
 */
public record FilterEffect(String filter, Effect effect, String because) {
    /** What a filter does. */
    public enum Effect {
        /** The request goes on as it is. */
        PASSES,
        /** It refuses the request. */
        REFUSES,
        /** It answers the request itself. */
        ANSWERS,
        /** It may refuse or answer it: by chance, by its own count, or because somebody else decides. */
        MAY_REFUSE,
        /** It may change the request, so that everything after it may come out otherwise. */
        MAY_CHANGE,
        /** It holds the request back, always or by chance. */
        DELAYS
    }

    /** One line. */
    @Override
    public String toString() {
        String text = switch (effect) {
            case PASSES -> "lets it pass";
            case REFUSES -> "refuses it";
            case ANSWERS -> "answers it";
            case MAY_REFUSE -> "may refuse it";
            case MAY_CHANGE -> "may change it";
            case DELAYS -> "delays it";
        };
        return filter + " " + text + (because.isEmpty() ? "" : ": " + because);
    }
}
