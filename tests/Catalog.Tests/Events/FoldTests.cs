using System.Text.Json;
using Catalog.Access;
using Catalog.Access.Groups;
using Catalog.Access.Principals;
using Catalog.Datasets;
using Catalog.Erasure;
using Catalog.Features;
using Catalog.FeatureServices;
using Catalog.Jobs;
using Catalog.Models;
using Catalog.Platform;
using Catalog.Platform.Store;
using Catalog.Platform.Writes;
using Xunit;

namespace Catalog.Tests.Events;

/// <summary>The stored examples of a stream, in the order of the registry, tell its whole life; each must fold for ever.</summary>
public sealed class FoldTests
{
    /// <summary>Facts that deciding does not need to remember.</summary>
    private static readonly HashSet<string> s_notRemembered =
    [
        "dataset_commit_repeated", "dataset_version_verified", "dataset_version_projected", "model_commit_repeated",
        "model_version_verified", "openlineage_received",
    ];

    [Fact]
    public void Datasets_fold() => Check<Dataset>();

    [Fact]
    public void Jobs_fold() => Check<Job>();

    [Fact]
    public void Runs_fold() => Check<Run>();

    [Fact]
    public void Models_fold() => Check<Model>();

    [Fact]
    public void Feature_views_fold() => Check<FeatureView>();

    [Fact]
    public void Feature_services_fold() => Check<FeatureService>();

    [Fact]
    public void Keys_fold() => Check<ApiKey>();

    [Fact]
    public void Groups_fold() => Check<Group>();

    [Fact]
    public void Principals_fold() => Check<Principal>();

    [Fact]
    public void Erasures_fold() => Check<ErasureCase>();

    [Fact]
    public void Statements_of_policy_fold() => Check<PolicyStatement>();

    [Fact]
    public void Approvals_fold() => Check<Approvals>();

    [Fact]
    public void Declassifications_fold() => Check<Declassifications>();

    [Fact]
    public void The_catalog_itself_folds() => Check<CatalogState>();

    [Fact]
    public void Every_state_is_among_these()
    {
        Type[] states =
        [
            typeof(Dataset), typeof(Job), typeof(Run), typeof(Model), typeof(FeatureView), typeof(FeatureService), typeof(ApiKey),
            typeof(PolicyStatement), typeof(Approvals), typeof(Declassifications), typeof(CatalogState), typeof(Group), typeof(Principal),
            typeof(ErasureCase),
        ];

        Assert.Equal(states, CatalogStore.Facts.All.Select(e => e.Owner).Distinct());
    }

    private static void Check<TState>()
        where TState : class, IState<TState>
    {
        var names = CatalogStore.Facts.All.Where(e => e.Owner == typeof(TState)).Select(e => e.StoredName).ToArray();
        var state = Life<TState>(names);
        Forgiving(names, state);
        Reviewed(state);
    }

    /// <summary>Each fact changes the state, and a state read back from its snapshot goes on as the state that was written.</summary>
    private static TState Life<TState>(string[] names)
        where TState : class, IState<TState>
    {
        TState? state = null;
        foreach (var name in names)
        {
            var next = TState.Fold(state, StoredEvents.Read(name));
            Assert.NotNull(next);
            if (s_notRemembered.Contains(name))
                Assert.Same(state, next);
            else
                Assert.NotEqual(StoredEvents.Text(state), StoredEvents.Text(next));

            state = JsonSerializer.Deserialize<TState>(JsonSerializer.Serialize(next, CatalogStore.Json), CatalogStore.Json);
            Assert.Equal(StoredEvents.Text(next), StoredEvents.Text(state));
        }

        return state ?? throw new InvalidOperationException($"{typeof(TState).Name} has no facts.");
    }

    /// <summary>Folding cannot fail: not on a stream that does not exist, not twice, not on another area's fact.</summary>
    private static void Forgiving<TState>(string[] names, TState state)
        where TState : class, IState<TState>
    {
        var facts = names.Select(StoredEvents.Read).ToArray();
        foreach (var fact in facts)
        {
            _ = TState.Fold(state: null, fact);
            _ = TState.Fold(TState.Fold(state, fact), fact);
        }

        Assert.All(
            CatalogStore.Facts.All.Where(e => e.Owner != typeof(TState)),
            e => Assert.Same(state, TState.Fold(state, StoredEvents.Read(e.StoredName))));
        Assert.Null(facts.Skip(1).Aggregate((TState?)null, TState.Fold));
    }

    /// <summary>
    /// Snapshots of states outlive the code that made them. When this file changes, the state's <c>FoldRevision</c> must rise with it, so
    /// that snapshots of the older fold are folded anew.
    /// </summary>
    private static void Reviewed<TState>(TState state)
        where TState : class, IState<TState>
    {
        var path = Repository.File("tests", "Catalog.Tests", "Events", "Folded", $"{typeof(TState).Name}.json");
        var folded = $$"""
            {
            "foldRevision": {{TState.FoldRevision}},
            "state": {{StoredEvents.Text(state)}}
            }

            """;
        if (Golden.Updating && File.Exists(path) && File.ReadAllText(path) is var before && before != folded)
            Assert.False(
                before.Contains($"\"foldRevision\": {TState.FoldRevision},", StringComparison.Ordinal),
                $"Raise {typeof(TState).Name}.FoldRevision first.");
        Golden.Check(path, folded);
    }
}
