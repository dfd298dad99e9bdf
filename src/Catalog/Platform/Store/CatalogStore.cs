using System.Text.Json;
using System.Text.Json.Serialization;
using Catalog.Access;
using Catalog.Access.Groups;
using Catalog.Access.Principals;
using Catalog.Columns;
using Catalog.Datasets;
using Catalog.Erasure;
using Catalog.FeatureGenerations;
using Catalog.Features;
using Catalog.FeatureServices;
using Catalog.Garbage;
using Catalog.Jobs;
using Catalog.Lineage;
using Catalog.Lineage.Reported;
using Catalog.Manifests;
using Catalog.Models;
using Catalog.Platform.Writes;
using Catalog.PolicyProjections;
using Catalog.Predictions;
using Catalog.Retention;
using Catalog.Search;
using Catalog.Serving;
using Catalog.Serving.Pushing;
using Catalog.Tiering;
using Catalog.Usage;
using JasperFx;
using JasperFx.Events;
using JasperFx.Events.Daemon;
using JasperFx.Events.Projections;
using Marten;
using Marten.Schema;

namespace Catalog.Platform.Store;

/// <summary>How the event log, its states and its pages live in PostgreSQL.</summary>
internal static class CatalogStore
{
    public const string Schema = "catalog";

    /// <summary>Says which build brought the schema up to date; no part of the catalog's content.</summary>
    public const string StampTable = $"{Schema}.schema_stamp";

    /// <summary>Names the facts that its servers know (<see cref="Projections.KnownFacts"/>); no part of the catalog's content.</summary>
    public const string FactTypeTable = $"{Schema}.fact_type";

    /// <summary>All facts of all areas: the closed list of what the log can hold.</summary>
    public static FactRegistry Facts { get; } =
        new(
            DatasetFacts.Area, JobFacts.Area, ModelFacts.Area, FeatureFacts.Area, FeatureServiceFacts.Area, AccessFacts.Area,
            PlatformFacts.Area, LineageFacts.Area, TieringFacts.Area, RetentionFacts.Area, GroupFacts.Area, PrincipalFacts.Area,
            ErasureFacts.Area);

    public static void Configure(StoreOptions options, CatalogDatabase database, TimeProvider clock)
    {
        options.Connection(database.ConnectionString);
        options.DatabaseSchemaName = Schema;

        // The schema is brought up to date once, at start (Hosting/Database); after that nothing looks at it again.
        options.AutoCreateSchemaObjects = AutoCreate.None;
        options.UseSystemTextJsonForSerialization(Weasel.Core.EnumStorage.AsString, Weasel.Core.Casing.CamelCase, ConfigureJson);

        ConfigureEvents(options, clock);
        StateTable.AddTo(options);
        ConfigurePages(options);
        ManifestTables.AddTo(options);
        CommitKeys.AddTo(options);
        ProjectedVersions.AddTo(options);
        KeyLabels.AddTo(options);
        PrincipalProfiles.AddTo(options);
        OpenLineageBodies.AddTo(options);
        ReportedPages.AddTo(options);
        SearchPages.AddTo(options);
        PushTable.AddTo(options);
        PredictionTable.AddTo(options);
        UsageTable.AddTo(options);
        DecisionTable.AddTo(options);
        TieringModule.AddTo(options);
        RetentionModule.AddTo(options);
        ErasureModule.AddTo(options);
        UploadedObjects.AddTo(options);
        UnusedObjects.AddTo(options);
        StoreMarks.AddTo(options);
        MaskKey.AddTo(options);
    }

    /// <summary>How facts, states and pages are written in jsonb.</summary>
    public static JsonSerializerOptions Json { get; } = MakeJson();

    /// <inheritdoc cref="Json"/>
    public static void ConfigureJson(JsonSerializerOptions json)
    {
        json.PropertyNamingPolicy = JsonNamingPolicy.CamelCase;
        json.DefaultIgnoreCondition = JsonIgnoreCondition.Never;
        json.NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals;

        // First, because the first converter that fits is used and Marten brings one that keeps capitals. (LINQ compares with capitals,
        // too: ask in SQL.)
        json.Converters.Insert(0, new JsonStringEnumConverter(JsonNamingPolicy.CamelCase));
    }

    private static JsonSerializerOptions MakeJson()
    {
        var json = new JsonSerializerOptions();
        ConfigureJson(json);
        json.MakeReadOnly(populateMissingResolver: true);
        return json;
    }

    private static void ConfigureEvents(StoreOptions options, TimeProvider clock)
    {
        options.Events.StreamIdentity = StreamIdentity.AsString;
        options.Events.EnableBigIntEvents = true;
        options.Events.TimeProvider = clock;
        options.Events.MetadataConfig.EnableAll();
        options.Events.MetadataConfig.UserNameEnabled = true;
        foreach (var entry in Facts.All)
            options.Events.MapEventType(entry.Fact, entry.StoredName);

        // We elect the leader that runs asynchronous projections ourselves (ProjectionLeader).
        options.Projections.AsyncMode = DaemonMode.ExternallyManaged;
        options.Projections.StaleSequenceThreshold = TimeSpan.FromMilliseconds(300);
        options.Projections.FastPollingTime = TimeSpan.FromMilliseconds(50);
        options.Projections.SlowPollingTime = TimeSpan.FromMilliseconds(50);

        // A page that cannot take a fact in stops there until it can: skipping would lose the fact from the page for good.
        options.Projections.Errors.SkipUnknownEvents = false;
        options.Projections.Errors.SkipSerializationErrors = false;
        options.Projections.Errors.SkipApplyErrors = false;
    }

    private static void ConfigurePages(StoreOptions options)
    {
        options.Projections.Add(new VersionPages(), ProjectionLifecycle.Inline);
        options.Schema.For<VersionPage>().DocumentAlias(VersionPages.TableAlias)
            .Index(v => v.Dataset)
            .Index(v => v.ManifestHash);
        options.Projections.Add(new ModelVersionPages(), ProjectionLifecycle.Inline);
        options.Schema.For<ModelVersionPage>().DocumentAlias("page_model_version")
            .Index(v => v.Model)
            .Index(v => v.ManifestHash);

        Page<DatasetPage, Dataset>(options, "page_dataset", batch: 500); // schemas: up to megabytes
        Page<RunPage, Run>(options, "page_run", batch: 100); // metrics: up to 10,000 points, a megabyte
        Page<JobPage, Job>(options, "page_job", batch: 5000);
        Page<ModelPage, Model>(options, "page_model", batch: 5000);
        Page<KeyPage, ApiKey>(options, "page_key", batch: 5000);
        Page<GroupPage, Group>(options, "page_group", batch: 500); // members: up to 10,000, half a megabyte
        Page<PrincipalPage, Principal>(options, "page_principal", batch: 5000);

        ConfigureFeaturePages(options);
        options.Policies.ForAllDocuments(IndexRuns);
    }

    /// <summary>
    /// Inline, because what an entity is in one view is decided by what it is in the others, and what is taken back by what was activated.
    /// </summary>
    private static void ConfigureFeaturePages(StoreOptions options)
    {
        options.Projections.Add(
            new PageProjection<FeatureViewPage>("page_feature_view", FactsOf<FeatureView>()), ProjectionLifecycle.Inline);
        options.Schema.For<FeatureViewPage>().DocumentAlias("page_feature_view").Identity(p => p.Id).Index(v => v.Namespace);
        options.Projections.Add(
            new PageProjection<FeatureServicePage>("page_feature_service", FactsOf<FeatureService>()), ProjectionLifecycle.Inline);
        options.Schema.For<FeatureServicePage>().DocumentAlias("page_feature_service").Identity(p => p.Id).Index(v => v.Namespace);
        options.Projections.Add(new FeatureGenerationPages(), ProjectionLifecycle.Inline);
        options.Schema.For<FeatureGenerationPage>().DocumentAlias(FeatureGenerationPages.TableAlias)
            .Index(g => g.View)
            .Index(g => g.Sha256);
    }

    /// <summary>
    /// What the runs of a job are ordered by stands in columns of its own: a page can be a megabyte, and reading one member of jsonb reads
    /// all of it.
    /// </summary>
    private static void IndexRuns(DocumentMapping page)
    {
        if (page.DocumentType != typeof(RunPage))
            return;
        page.DuplicateField(nameof(RunPage.Job));
        page.DuplicateField(nameof(RunPage.StartedAt));
        page.DuplicateField(nameof(RunPage.EndedAt));
        page.AddIndex("job", "started_at", "id");
        page.AddIndex("job", "id");
    }

    /// <param name="options">What to add it to.</param>
    /// <param name="alias">The page's name and, with a prefix, its table's.</param>
    /// <param name="batch">How many facts are read at a time, which bounds the memory it takes.</param>
    private static void Page<TPage, TState>(StoreOptions options, string alias, int batch)
        where TPage : class, IPage<TPage>
        where TState : class, IState<TState>
    {
        options.Projections.Add(
            new PageProjection<TPage>(alias, FactsOf<TState>()),
            ProjectionLifecycle.Async,
            o => (o.BatchSize, o.MaximumHopperSize) = (batch, 2 * batch));
        options.Schema.For<TPage>().DocumentAlias(alias).Identity(p => p.Id);
    }

    /// <summary>
    /// Pages show what was done here. What others told of the same streams comes in masses and is for the lineage graph to read.
    /// </summary>
    private static IEnumerable<Type> FactsOf<TState>()
        where TState : class, IState<TState> =>
        Facts.All.Where(f => f.Owner == typeof(TState) && f.Fact != typeof(OpenLineageReceived)).Select(f => f.Fact);
}
