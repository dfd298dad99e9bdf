using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace Catalog.Access.Policies;

/// <summary>
/// All policies as of one log position, ready to be asked from any number of threads: it never changes. The order of statements means
/// nothing: what one forbids is forbidden; then what one makes wait, waits; then what neither a role nor a statement allows is not allowed;
/// then the strongest mask of each column and all row filters bind.
/// </summary>
public sealed class CompiledPolicies
{
    private const int Remembered = 100_000;

    private readonly IResourceFacts _resources;
    private readonly IReadOnlyDictionary<string, ParsedStatement> _statements;
    private readonly StatementIndex _index;
    private readonly TagNames _named;
    private readonly long[] _turns;
    private readonly ConcurrentDictionary<(string Principal, string Groups), Asker> _askers;
    private Memory _memory = new(long.MinValue, long.MaxValue);

    private CompiledPolicies(
        PolicySet set, IResourceFacts resources, IReadOnlyDictionary<string, ParsedStatement> statements, StatementIndex index,
        TagNames named, long position)
    {
        (Set, _resources, _statements, _index, _named, Position) = (set, resources, statements, index, named, position);
        _askers = new();
        _turns =
        [
            .. statements.Values.SelectMany(s => s.Turns)
                .Concat(set.Approvals.Values.SelectMany(a => a).Select(a => a.Expires?.UtcTicks).OfType<long>())
                .Distinct().Order(),
        ];
    }

    /// <summary>The same policies at a later position; what was decided stays known where what is known of resources is the same.</summary>
    private CompiledPolicies(CompiledPolicies same, IResourceFacts resources, long position)
    {
        (Set, _resources, _statements, Position) = (same.Set, resources, same._statements, position);
        (_index, _named, _askers, _turns) = (same._index, same._named, same._askers, same._turns);
        if (ReferenceEquals(resources.Knowledge, same._resources.Knowledge))
            _memory = Volatile.Read(ref same._memory);
    }

    public PolicySet Set { get; }

    /// <summary>The log position up to which policies are included.</summary>
    public long Position { get; }

    /// <summary>The tags that statements name: no others decide anything.</summary>
    public TagNames NamedTags => _named;

    /// <summary>Whether nothing is said, so that roles alone decide.</summary>
    public bool AreNone => _statements.Count == 0;

    /// <param name="set">What they say.</param>
    /// <param name="resources">Tags and places of resources, as of the same position.</param>
    /// <param name="position">The log position that both include.</param>
    /// <param name="previous">Whose work is taken over where the two agree.</param>
    public static CompiledPolicies Compile(PolicySet set, IResourceFacts resources, long position, CompiledPolicies? previous = null)
    {
        if (previous is not null && ReferenceEquals(set, previous.Set))
            return new(previous, resources, position);
        if (previous is not null && ReferenceEquals(set.Statements, previous.Set.Statements))
            return new(set, resources, previous._statements, previous._index, previous._named, position);
        var statements = new Dictionary<string, ParsedStatement>(set.Statements.Count, StringComparer.Ordinal);
        var inOrder = new List<ParsedStatement>(set.Statements.Count);
        foreach (var (id, text) in set.Statements)
        {
            var known = previous?._statements.GetValueOrDefault(id);
            inOrder.Add(statements[id] = known is not null && ReferenceEquals(known.Text, text) ? known
                : ParsedStatement.Read(text).Parsed ?? throw new PolicyException($"the statement '{id}' cannot be read."));
        }

        return new(set, resources, statements, new StatementIndex(inOrder), TagNames.Of(inOrder), position);
    }

    /// <summary>What would be wrong with a statement; none where it can be accepted.</summary>
    public static IReadOnlyList<StatementProblem> Check(Statement statement) => ParsedStatement.Read(statement).Problems;

    /// <summary>Whether the answer to the same question can be another a moment later, although nothing was said.</summary>
    public bool TurnsWithTime => _turns.Length > 0 || _statements.Values.Any(s => s.When is { IsOfRequest: true });

    /// <summary>
    /// Whether a statement can be against something that a principal does, wherever: where none is, its role or a permission decides alone.
    /// </summary>
    public bool CanBind(string principal, Act act)
    {
        var who = Closure.Of(principal, [], Set);
        return _statements.Values.Any(s => s.Effect is not Effect.Allow && s.IsOfAct(act) && s.IsOfPrincipal(who));
    }

    /// <summary>Answers a question, from memory where the same was asked before.</summary>
    public AccessDecision Answer(in AccessRequest request, DateTimeOffset now)
    {
        if (AreNone)
            return RolePolicy.Evaluate(request.Role, request);
        var who = AskerOf(request);
        var borne = request.Resource is { } node ? _resources.TagsOf(node) : TagSet.Empty;
        if (request.Approved is not null || BringsMore(request.Tags, borne))
            return Judge(request, who, now, borne).Decision;

        var memory = MemoryAt(now.UtcTicks);
        var question = new Question(who.Closure, request.Role, request.Act, request.Resource, request.Purpose, borne);
        if (memory.Decisions.TryGetValue(question, out var known))
            return known;
        var (decision, isOfRequest) = Judge(request, who, now, borne);
        if (!isOfRequest && !IsOfUnknownHolder(request.Resource))
            memory.Remember(question, decision);
        return decision;
    }

    /// <summary>A run that began just now will lie in its job in a moment.</summary>
    private bool IsOfUnknownHolder(NodeId? resource) =>
        resource is { Kind: NodeKind.Run or NodeKind.Generation } node && _resources.HolderOf(node) is null;

    /// <summary>Answers a question, and says which statements would have allowed it but for one thing.</summary>
    /// <param name="full">Whether misses by principal and resource are told, too: they tell what others may do.</param>
    public AccessExplanation Explain(in AccessRequest request, DateTimeOffset now, bool full)
    {
        var who = AskerOf(request);
        var borne = request.Resource is { } node ? _resources.TagsOf(node) : TagSet.Empty;
        var decision = Judge(request, who, now, borne).Decision;
        var near = decision.Allowed
            ? []
            : NearMisses.Of(_statements.Values, request, who.Closure, ViewOf(request, borne), now, full);
        return new AccessExplanation(
            decision, near, ViewOf(request, borne).Tags.Tags.ToList(), [.. who.Closure.Groups.Order(StringComparer.Ordinal)]);
    }

    private (AccessDecision Decision, bool IsOfRequest) Judge(in AccessRequest request, Asker who, DateTimeOffset now, TagSet borne)
    {
        var view = ViewOf(request, borne);
        var found = new List<FoundStatements>(16);
        _index.Find(who.Named, view.Chain, view.Tags, view.Columns, found);
        var judgement = new Judgement(request, who.Closure, view, Set, now);
        return (judgement.Answer(found), judgement.IsOfRequest);
    }

    private ResourceView ViewOf(in AccessRequest request, TagSet borne) => new(
        request.Tags.Count == 0 ? borne : TagSet.Of(borne.Tags.Concat(request.Tags)),
        request.Resource is { } node && request.Act is Act.ReadData or Act.Export ? _resources.ColumnTagsOf(node) : [],
        ResourceChain.Of(request.Resource, _resources));

    /// <summary>Whether a question brings tags along that decide something and were not known.</summary>
    private bool BringsMore(IReadOnlyCollection<string> tags, TagSet borne)
    {
        if (tags.Count == 0 || _named.AreNone)
            return false;
        foreach (var tag in tags)
        {
            if (!borne.Has(tag) && _named.Include(tag))
                return true;
        }

        return false;
    }

    private Asker AskerOf(in AccessRequest request)
    {
        var groups = request.Groups.Count == 0 ? "" : string.Join('\n', request.Groups.Order(StringComparer.Ordinal));
        if (_askers.TryGetValue((request.Principal, groups), out var known))
            return known;
        var closure = Closure.Of(request.Principal, request.Groups, Set);
        if (_askers.Count >= Remembered)
            _askers.Clear();
        return _askers.GetOrAdd((request.Principal, groups), new Asker(closure, _index.NumbersOf(closure)));
    }

    /// <summary>What is remembered of the time between two turns: a statement that begins or ends makes all of it worthless.</summary>
    private Memory MemoryAt(long now)
    {
        var memory = Volatile.Read(ref _memory);
        if (now >= memory.From && now < memory.Until && (_turns.Length == 0 || memory.IsBetweenTurns))
            return memory;
        var next = Array.FindIndex(_turns, t => t > now);
        var (from, until) = next switch
        {
            _ when _turns.Length == 0 => (long.MinValue, long.MaxValue),
            < 0 => (_turns[^1], long.MaxValue),
            0 => (long.MinValue, _turns[0]),
            _ => (_turns[next - 1], _turns[next]),
        };
        memory = new Memory(from, until) { IsBetweenTurns = true };
        Volatile.Write(ref _memory, memory);
        return memory;
    }

    /// <param name="Closure">Who asks.</param>
    /// <param name="Named">The names of it that statements name, by their numbers in the index.</param>
    private sealed record Asker(Closure Closure, int[] Named);

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Question(Closure Who, Role Role, Act Act, NodeId? Resource, Purpose? Purpose, TagSet Tags);

    private sealed class Memory(long from, long until)
    {
        private int _count;

        public long From => from;

        public long Until => until;

        public bool IsBetweenTurns { get; init; }

        public ConcurrentDictionary<Question, AccessDecision> Decisions { get; } = new();

        /// <summary>Counts by itself: to ask the dictionary takes all of its locks, each time.</summary>
        public void Remember(in Question question, AccessDecision decision)
        {
            if (Volatile.Read(ref _count) >= Remembered)
            {
                Decisions.Clear();
                Volatile.Write(ref _count, 0);
            }

            if (Decisions.TryAdd(question, decision))
                Interlocked.Increment(ref _count);
        }
    }
}
