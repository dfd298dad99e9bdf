using Catalog.Platform;
using Catalog.Platform.Writes;
using Catalog.Tests.Events;
using Xunit;

namespace Catalog.Tests;

/// <summary>Given facts, when a command, then facts: how deciders are told about.</summary>
internal static class Scenario
{
    public static TState? Fold<TState>(params IEnumerable<object> facts)
        where TState : class, IState<TState> => facts.Aggregate((TState?)null, TState.Fold);

    public static Given<TState> Given<TState>(params object[] facts)
        where TState : class, IState<TState> => new(Fold<TState>(facts));

    public static void Accepts(this Decision decision, params object[] facts) =>
        Assert.Equal(facts.Select(Shown), Assert.IsType<Decision.Accepted>(decision).Facts.Select(Shown));

    public static void IsUnchanged(this Decision decision) => Assert.Same(Decision.Unchanged, decision);

    /// <summary>Refused with a code that is documented, in a sentence.</summary>
    public static void Refuses(this Decision decision, string code, string? saying = null)
    {
        var refused = Assert.IsType<Decision.Refused>(decision);
        Assert.Equal(code, refused.Code);
        Assert.Contains(code, ProblemCodes.All.Keys, StringComparer.Ordinal);
        Assert.EndsWith(".", refused.Detail, StringComparison.Ordinal);
        if (saying is not null)
            Assert.Contains(saying, refused.Detail, StringComparison.Ordinal);
    }

    private static string Shown(object fact) => $"{fact.GetType().Name} {StoredEvents.Text(fact)}";
}

/// <summary>A state that facts have led to.</summary>
internal sealed class Given<TState>(TState? state)
    where TState : class, IState<TState>
{
    private Decision? _decision;

    public TState? State { get; private set; } = state;

    public Given<TState> When(Func<TState?, Decision> decide)
    {
        _decision = decide(State);
        return this;
    }

    /// <summary>These facts and no others; the state goes on from them.</summary>
    public Given<TState> Then(params object[] facts)
    {
        Decided().Accepts(facts);
        State = facts.Aggregate(State, TState.Fold);
        return this;
    }

    public Given<TState> ThenUnchanged()
    {
        Decided().IsUnchanged();
        return this;
    }

    public void ThenRefused(string code, string? saying = null) => Decided().Refuses(code, saying);

    private Decision Decided() => _decision ?? throw new InvalidOperationException("Nothing was decided yet: call When first.");
}
