using Catalog.Platform.Writes;

namespace Catalog.Erasure;

/// <summary>The data of a subject is being erased. Whose it is, is told by a keyed hash only: a fact stays for good.</summary>
/// <param name="Id">Of the erasure.</param>
/// <param name="Subject">Keyed hash of the subject's columns and values, lower-case hexadecimal.</param>
/// <param name="Columns">That tell the subject's rows from others.</param>
/// <param name="Within">Namespaces and datasets that the search began in; empty for all.</param>
/// <param name="Reason">Why; nothing about persons.</param>
public sealed record ErasureBegun(
    Guid Id, string Subject, IReadOnlyList<string> Columns, IReadOnlyList<string> Within, string Reason);

/// <summary>The data of a subject was erased, as far as the certificate says.</summary>
public sealed record ErasureCompleted(Guid Id, ErasureCertificate Certificate);

/// <summary>What was erased, and what was not.</summary>
/// <param name="Versions">That held rows of the subject, or what was made of them, and are not kept any more.</param>
/// <param name="Objects">Objects that were removed from every tier.</param>
/// <param name="Bytes">Of those.</param>
/// <param name="Generations">Of features, that held values of the subject and are not served any more.</param>
/// <param name="PushedRows">Removed from the push log.</param>
/// <param name="Predictions">Removed that were not in a version yet.</param>
/// <param name="Bodies">OpenLineage events whose text was removed.</param>
/// <param name="Profiles">Of principals, that were removed.</param>
/// <param name="Remains">What holds the subject's data still, or may.</param>
public sealed record ErasureCertificate(
    IReadOnlyList<ErasedVersion> Versions, long Objects, long Bytes, IReadOnlyList<NodeId> Generations, long PushedRows, long Predictions,
    long Bodies, long Profiles, ErasureRemains Remains);

/// <param name="Node">The version.</param>
/// <param name="ContentHash">Of what it held.</param>
/// <param name="Successor">The version that has what is left.</param>
/// <param name="SuccessorContentHash">Of what that holds.</param>
public sealed record ErasedVersion(NodeId Node, string? ContentHash, NodeId? Successor, string? SuccessorContentHash);

/// <summary>What an erasure does not reach: somebody has to see to it.</summary>
/// <param name="Held">Datasets that hold rows of the subject and are under a legal hold.</param>
/// <param name="Models">Versions that were trained on data that was erased: what they learnt of it cannot be taken out of them.</param>
/// <param name="Derived">Versions made of data that was erased, without a column that would tell the subject's part.</param>
/// <param name="Unsearched">Datasets with files that are no tables, which nobody looked into.</param>
/// <param name="InPlace">Files in folders of others, which the catalog reads and does not own.</param>
/// <param name="Shared">SHA-256 of objects that other versions have, too.</param>
/// <param name="Failures">What could not be done, in a sentence each.</param>
public sealed record ErasureRemains(
    IReadOnlyList<NodeId> Held, IReadOnlyList<NodeId> Models, IReadOnlyList<NodeId> Derived, IReadOnlyList<NodeId> Unsearched,
    IReadOnlyList<string> InPlace, IReadOnlyList<string> Shared, IReadOnlyList<string> Failures);

internal static class ErasureFacts
{
    public static FactRegistry.Area Area { get; } = new FactRegistry.Area()
        .Fact<ErasureCase, ErasureBegun>("erasure_begun")
        .Fact<ErasureCase, ErasureCompleted>("erasure_completed");
}
