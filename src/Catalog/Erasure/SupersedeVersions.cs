using System.Security.Cryptography;
using System.Text;
using Catalog.Datasets;
using Catalog.Integrity;
using Catalog.Jobs;
using Catalog.Manifests;
using Catalog.Platform.Writes;
using Catalog.Retention;
using Catalog.Schemas;

namespace Catalog.Erasure;

/// <summary>What a version is to be succeeded by.</summary>
/// <param name="Number">Of the version.</param>
/// <param name="Content">What is left of it.</param>
/// <param name="Inputs">That it was derived from by a recipe; null where it was not.</param>
internal sealed record Succession(long Number, Content Content, IReadOnlyList<NodeId>? Inputs);

/// <summary>The run that writes the successors of one dataset: what is in others has nothing to do with it.</summary>
/// <param name="Erasure">That it is for.</param>
/// <param name="Run">Its id.</param>
internal sealed record ErasureRun(Guid Erasure, Guid Run)
{
    /// <summary>The same again for whoever goes on with the same versions.</summary>
    /// <param name="erasure">That it is for.</param>
    /// <param name="dataset">Whose versions are succeeded.</param>
    /// <param name="latest">The newest of them.</param>
    public static ErasureRun Of(Guid erasure, NodeId dataset, long latest) => new(
        erasure,
        new Guid(SHA256.HashData(Encoding.UTF8.GetBytes($"{erasure:D} {dataset.WithVersion(latest)}")).AsSpan(0, 16), bigEndian: true));
}

/// <summary>
/// Puts successors in the place of versions that held a subject's rows, all at once: nobody sees some of a dataset's versions succeeded and
/// others not, and <c>latest</c> never goes back to what was newest long ago.
/// </summary>
internal static class SupersedeVersions
{
    public const string Message = "Without the data of an erased subject.";

    /// <summary>Also of a dataset that was retired, or that promises compatibility: what is left of a version is as it was.</summary>
    /// <param name="state">Of the dataset.</param>
    /// <param name="run">That the erasure is.</param>
    /// <param name="dataset">Its node.</param>
    /// <param name="latest">The newest version when it was looked into.</param>
    /// <param name="successions">In the order of their numbers.</param>
    /// <param name="newest">The content of the newest version, where that stays: it is committed again, so that it is the newest.</param>
    /// <param name="by">The erasure that asks for it, and the run that is named by it.</param>
    public static Decision Decide(
        Dataset? state, Run? run, NodeId dataset, long latest, IReadOnlyList<Succession> successions, Succession? newest, ErasureRun by)
    {
        if (state is null)
            return Decision.Refuse("dataset.not_found", $"There is no '{dataset}'.");
        if (!state.Holds.IsEmpty)
            return Decision.Refuse("dataset.held", $"'{dataset}' is under a legal hold: {string.Join(", ", state.Holds.Keys)}.");
        if (RunRules.NotRunning(run, by.Run, out var no))
            return no;
        if (state.Latest != latest)
            return Decision.Refuse("catalog.busy", $"'{dataset}' moved to version {state.Latest} meanwhile; try again shortly.");

        var (facts, next, schema) = (new List<object>(), state.Latest, state.Schema);
        foreach (var succession in successions.Where(s => !state.Tombstoned.Contains(s.Number)))
        {
            Commit(succession);
            facts.Add(new VersionTombstoned(succession.Number, TombstoneCause.Erasure, next, by.Erasure));
            facts.AddRange(state.Aliases.Where(a => a.Value == succession.Number).Select(a => new AliasSet(a.Key, next)));
        }

        if (facts.Count == 0)
            return Decision.Unchanged;
        if (newest is not null)
            Commit(newest);
        return Decision.Accept([.. facts]);

        void Commit(Succession made)
        {
            var content = made.Content;
            facts.Add(new VersionCommitted(
                next + 1, next, content.ContentHash, ManifestHash.Compute(RootOf(content, next, by.Run)), content.Files, content.Bytes,
                content.Rows, content.Format, content.Schema, SchemaComparison.Compare(schema, content.Schema), by.Run, Message,
                IdempotencyKey: null, RequestDigest: null));
            next++;
            schema = content.Schema ?? schema;
            if (content.RecipeHash is { } recipe && made.Inputs is { } inputs)
                facts.Add(new VersionDerived(next, recipe, inputs));
            facts.Add(new RunOutputRecorded(dataset.WithVersion(next)));
        }
    }

    /// <summary>The manifest of a successor.</summary>
    public static ManifestRoot RootOf(Content content, long? parent, Guid run) => content.RootOn(parent, run, Message);
}
