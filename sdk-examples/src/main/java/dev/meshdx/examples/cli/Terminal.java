package dev.meshdx.examples.cli;

import java.io.Console;

/** Whether somebody is watching. */
final class Terminal {
    private Terminal() {}

    /**
     * Whether input and output are a terminal. Newer JDKs hand out a console even when they are not, and then say so by a
     * method that the baseline does not have.
     */
    static boolean isInteractive() {
        if (System.getenv("CI") != null || "dumb".equals(System.getenv("TERM"))) {
            return false;
        }
        Console console = console();
        if (console == null) {
            return false;
        }
        try {
            return (boolean) Console.class.getMethod("isTerminal").invoke(console);
        } catch (ReflectiveOperationException e) {
            return true;
        }
    }

    @SuppressWarnings("SystemConsoleNull") // what it means on newer JDKs is looked at above
    private static @org.jspecify.annotations.Nullable Console console() {
        return System.console();
    }
}
