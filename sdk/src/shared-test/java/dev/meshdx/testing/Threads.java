package dev.meshdx.testing;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaConstructorCall;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;

/** The rule for threads: who looks at a thread dump sees whose they are, and none keeps a JVM from ending. */
public final class Threads {
    /** A class that makes a thread gives it a name and makes it a daemon. */
    public static final ArchRule NAMED_AND_DAEMONS = classes()
            .should(new ArchCondition<JavaClass>("name the threads that they make, and make them daemons") {
                @Override
                public void check(JavaClass type, ConditionEvents events) {
                    for (JavaConstructorCall call : type.getConstructorCallsFromSelf()) {
                        if (!call.getTargetOwner().isEquivalentTo(Thread.class)) {
                            continue;
                        }
                        boolean named = call.getTarget().getRawParameterTypes().stream()
                                .anyMatch(parameter -> parameter.isEquivalentTo(String.class));
                        boolean daemon = type.getMethodCallsFromSelf().stream()
                                .anyMatch(other -> other.getTarget().getName().equals("setDaemon"));
                        if (!named || !daemon) {
                            events.add(SimpleConditionEvent.violated(
                                    type,
                                    call.getDescription()
                                            + (named ? "" : " gives no name")
                                            + (daemon ? "" : " makes no daemon")));
                        }
                    }
                }
            });

    private Threads() {}
}
