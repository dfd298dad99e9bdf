using System.Collections.Concurrent;
using System.IO.Hashing;
using Catalog.Serving;

namespace Catalog.Server.Doors.Online;

/// <summary>
/// What a door worked out for questions, found again by the bytes that they were asked in: clients ask the same over and over. It holds for
/// one state of what is served, and is forgotten with it.
/// </summary>
internal sealed class AskedBefore<T>
    where T : class
{
    private const int Most = 10_000;

    private volatile Answers? _answers;

    /// <summary>What was worked out, or null.</summary>
    public T? Find(ServedState state, ReadOnlySpan<byte> question, ReadOnlySpan<char> ns, bool flag) =>
        _answers is { } answers && ReferenceEquals(answers.State, state)
        && answers.ByHash.TryGetValue(HashOf(question, ns, flag), out var known) && known.Is(question, ns, flag)
            ? known.Answer
            : null;

    public void Keep(ServedState state, ReadOnlySpan<byte> question, ReadOnlySpan<char> ns, bool flag, T answer)
    {
        if (_answers is not { } answers || !ReferenceEquals(answers.State, state))
            _answers = answers = new(state, []);
        if (answers.ByHash.Count < Most)
            answers.ByHash[HashOf(question, ns, flag)] = new(question.ToArray(), ns.ToString(), flag, answer);
    }

    private static ulong HashOf(ReadOnlySpan<byte> question, ReadOnlySpan<char> ns, bool flag) =>
        XxHash3.HashToUInt64(question, HashCode.Combine(string.GetHashCode(ns, StringComparison.Ordinal), flag));

    private sealed record Answers(ServedState State, ConcurrentDictionary<ulong, Known> ByHash);

    private sealed record Known(byte[] Question, string Namespace, bool Flag, T Answer)
    {
        public bool Is(ReadOnlySpan<byte> question, ReadOnlySpan<char> ns, bool flag) =>
            flag == Flag && question.SequenceEqual(Question) && ns.SequenceEqual(Namespace);
    }
}
